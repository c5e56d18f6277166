name=exim
version=4.96
first-retry=15m
max-retry=6h
queue-run=30m
life=4d
life-null=2d
clock=virtual
