name=reference
version=0.1
first-retry=300s
max-retry=4h
queue-run=60s
life=5d
life-null=5d
clock=virtual
