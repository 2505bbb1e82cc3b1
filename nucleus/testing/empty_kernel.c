/* A VM that does nothing, to see how large the nucleus is. */
void vm_init_memory(void) {}
void vm_main(void) {}
