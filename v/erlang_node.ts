// A long-lived Erlang system that compiles Core Erlang and runs compiled modules: starting one costs a third of a
// second, compiling a small module in it a few milliseconds.
//
// The protocol is one line each way: `COMMAND ARGUMENT…` in, `ok BASE64` or `error BASE64` out.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { erlcTimeoutMsMax } from './limits.ts';

/** Evaluated by `erl -eval`: serves requests from standard input until it closes. */
const server = `
Serve = fun(Serve) ->
  case io:get_line("") of
    eof -> halt(0);
    Line ->
      [Command | Args] = string:lexemes(string:trim(Line), " "),
      Decoded = [unicode:characters_to_list(base64:decode(A)) || A <- Args],
      Reply = try
        case {Command, Decoded} of
          {"core", [Path]} ->
            {ok, Text} = file:read_file(Path),
            {ok, Tokens, _} = core_scan:string(binary_to_list(Text)),
            case core_parse:parse(Tokens) of
              {ok, Core} ->
                case compile:forms(Core, [from_core, binary, return_errors]) of
                  {ok, _, Beam} -> {ok, Beam};
                  {ok, _, Beam, _} -> {ok, Beam};
                  Other -> {error, io_lib:format("~p", [Other])}
                end;
              Bad -> {error, io_lib:format("~p", [Bad])}
            end;
          {"erl", [Path]} ->
            case compile:file(Path, [binary, return_errors]) of
              {ok, _, Beam} -> {ok, Beam};
              {ok, _, Beam, _} -> {ok, Beam};
              Other -> {error, io_lib:format("~p", [Other])}
            end;
          {"load", [Name, Path]} ->
            {ok, Code} = file:read_file(Path),
            code:purge(list_to_atom(Name)),
            {module, _} = code:load_binary(list_to_atom(Name), Path, Code),
            {ok, <<>>}
        end
      catch Class:Reason:Trace ->
        {error, io_lib:format("~p:~p ~p", [Class, Reason, Trace])}
      end,
      {Status, Data} = Reply,
      Bytes = unicode:characters_to_binary(Data, latin1),
      Body = case Data of B when is_binary(B) -> B; _ -> Bytes end,
      io:put_chars([atom_to_list(Status), " ", base64:encode_to_string(Body), "\\n"]),
      Serve(Serve)
  end
end,
Serve(Serve).
`;

interface Waiting {
  readonly resolve: (data: Buffer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class ErlangNode {
  private process: ChildProcessWithoutNullStreams | undefined;
  private readonly waiting: Waiting[] = [];
  private readonly erl: string;

  constructor(erl = 'erl') {
    this.erl = erl;
  }

  /** Compiles a file of Core Erlang text to the bytes of a `.beam` file. */
  compileCore(path: string): Promise<Buffer> {
    return this.request('core', [path]);
  }

  /** Compiles an Erlang source file. */
  compileErlang(path: string): Promise<Buffer> {
    return this.request('erl', [path]);
  }

  close(): void {
    this.process?.stdin.end();
    this.process = undefined;
  }

  private start(): ChildProcessWithoutNullStreams {
    if (this.process) return this.process;
    const child = spawn(this.erl, ['-noshell', '-boot', 'start_clean', '-eval', server]);
    this.process = child;
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => this.answer(line));
    let complaint = '';
    child.stderr.on('data', (data) => {
      complaint += String(data);
    });
    const fail = (why: string): void => {
      this.process = undefined;
      for (const w of this.waiting.splice(0)) {
        clearTimeout(w.timer);
        w.reject(
          new Error(
            `${this.erl}: ${why}${complaint === '' ? '' : `\n${complaint.slice(0, 2000)}`}`,
          ),
        );
      }
    };
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code) => fail(`stopped with status ${code}`));
    child.stdin.on('error', () => undefined);
    return child;
  }

  private request(command: string, args: readonly string[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const child = this.start();
      const timer = setTimeout(() => {
        child.kill();
      }, erlcTimeoutMsMax);
      this.waiting.push({ resolve, reject, timer });
      const words = [command, ...args.map((a) => Buffer.from(a).toString('base64'))];
      child.stdin.write(`${words.join(' ')}\n`);
    });
  }

  private answer(line: string): void {
    const [status, data = ''] = line.split(' ');
    if (status !== 'ok' && status !== 'error') return;
    const next = this.waiting.shift();
    if (!next) return;
    clearTimeout(next.timer);
    const body = Buffer.from(data, 'base64');
    if (status === 'ok') next.resolve(body);
    else
      next.reject(
        new Error(
          `the Erlang compiler refused the module: ${body.toString('utf8').slice(0, 2000)}`,
        ),
      );
  }
}
