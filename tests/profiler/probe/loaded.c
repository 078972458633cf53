/* A shared object for reopened.c. The build defines the name of its FUNCTION. */
__attribute__((visibility("default"))) int work(void);

static __attribute__((noinline)) int FUNCTION(int x)
{
	__asm__ volatile("" : "+r"(x));
	return x + 1;
}

int work(void)
{
	return FUNCTION(1) + FUNCTION(2);
}
