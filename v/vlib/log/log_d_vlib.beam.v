// What V's own module log needs of its platform.
@[has_globals]
module log

__global default_logger &Logger

fn init() {
	default_logger = new_thread_safe_log()
}
