/**
 * Which of OTP's test suites are run, by the folder below OTP's sources, and which are left out
 * because of what they test. A suite that is in neither list is reported as not listed.
 */
export interface SuiteFolder {
  readonly folder: string;
  /** What stands before a suite's name where its results are listed: names repeat among folders. */
  readonly prefix?: string;
  readonly suites: readonly string[];
  /** Suites that test something that is not part of a BEAM as such, with the reason. */
  readonly leftOut: Readonly<Record<string, string>>;
}

const words = (text: string): string[] => text.trim().split(/\s+/);
const because = (reason: string, text: string): Record<string, string> =>
  Object.fromEntries(words(text).map((name) => [name, reason]));

export const suiteFolders: readonly SuiteFolder[] = [
  {
    folder: 'erts/emulator/test',
    suites: words(`
      a after atomics beam beam_literals bif big binary bs_bincomp bs_bit_binaries bs_construct
      bs_match_bin bs_match_int bs_match_misc bs_match_tail bs_utf call_trace code
      code_parallel_load counters crypto decode_packet dirty_bif efile erl_link estone evil
      exception float fun gc guard hash hibernate iovec list_bif map match_spec
      message_queue_data module_info monitor multi_load nested node_container nofrag num_bif op
      persistent_term port port_bif process prim_eval pseudoknot receive ref register save_calls
      sensitive signal small smoke_test statistics system_info system_profile time timer_bif
      trace trace_bif trace_call_count trace_call_time trace_local trace_meta tuple unique z
      async_ports erts_debug`),
    leftOut: {
      ...because(
        'native code of C programs in the VM: drivers, NIFs, allocators',
        `alloc busy_port ddll dirty_nif driver erl_drv_thread lcnt lttng mtx nif os_signal
         port_trace scheduler send_term trace_nif trace_port tracer jit`,
      ),
      ...because('several nodes', 'distribution'),
      ...because('crash dumps in the format of the C VM', 'dump'),
      ...because('needs a property testing tool', 'hash_property_test'),
      ...because('tests the test server', 'hello'),
    },
  },
  {
    folder: 'lib/stdlib/test',
    suites: words(`
      array base64 beam_lib binary_module c calendar dets dict digraph digraph_utils
      edlin_expand epp erl_anno erl_eval erl_expand_records erl_internal erl_lint erl_pp
      erl_scan error_logger_h escript ets ets_tough file_sorter filelib filename fixtable
      format gen_event gen_fsm gen_server gen_statem id_transform io io_proto lists log_mf_h
      maps math ms_transform pool proc_lib proplists qlc queue rand random re select sets
      shell shell_docs sofs stdlib string supervisor supervisor_bridge sys tar timer
      timer_simple unicode unicode_util uri_string y2k zip zzz`),
    leftOut: {
      ...because('several nodes', 'peer slave'),
      ...because(
        'needs a property testing tool',
        'base64_property_test queue_property_test uri_string_property_test',
      ),
      ...because('benchmarks', 'stdlib_bench'),
      ...because('another operating system', 'win32reg'),
    },
  },
  {
    folder: 'lib/kernel/test',
    prefix: 'kernel/',
    suites: words(`
      application code disk_log erl_prim_loader error_handler error_logger error_logger_warn file
      file_name init interactive_shell kernel kernel_config logger logger_disk_log_h
      logger_env_var logger_filters logger_formatter logger_legacy logger_olp logger_proxy
      logger_simple_h logger_std_h logger_stress multi_load os pdict pg prim_file ram_file
      seq_trace standard_error wrap_log_reader zlib`),
    leftOut: {
      ...because(
        'several nodes',
        'bif erl_boot_server erl_distribution erl_distribution_wb erpc global global_group net rpc',
      ),
      ...because(
        'the network',
        'gen_sctp gen_tcp_api gen_tcp_echo gen_tcp_misc gen_udp inet inet_res inet_sockopt socket',
      ),
      ...because('the network: files are sent to sockets', 'sendfile'),
      ...because("a program of OTP's that watches erl", 'heart'),
      ...because('tests the test server', 'zzz'),
    },
  },
];
