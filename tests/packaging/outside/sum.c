/* With inter-procedural register allocation gcc would keep `left` in a register that it saw `scale`
 * leave alone, though the profiler's stub, which runs in between, may not. */
extern long factor;

static __attribute__((noinline)) long scale(long value)
{
	return value * 3 + factor;
}

long sum(long left, long right);
long sum(long left, long right)
{
	return scale(right) + left * right;
}
