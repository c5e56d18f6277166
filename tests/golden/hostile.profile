name=postfix
version=3.7.11
first-retry=300s
max-retry=4000s
queue-run=300s
life=5d
life-null=5d
clock=virtual
