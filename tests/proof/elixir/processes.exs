# GenServer, Supervisor, DynamicSupervisor, Registry, Task, Agent, messages, ETS.
Logger.configure(level: :none)

defmodule Counter do
  use GenServer
  def start_link(options), do: GenServer.start_link(__MODULE__, 0, options)
  def init(count), do: {:ok, count}
  def handle_call(:value, _from, count), do: {:reply, count, count}
  def handle_call(:crash, _from, _count), do: raise("crash")
  def handle_cast({:add, n}, count), do: {:noreply, count + n}
  def handle_info(:tick, count), do: {:noreply, count + 100}
end

defmodule Wait do
  def until(fun) do
    if fun.(), do: :ok, else: (Process.sleep(1); until(fun))
  end
end

{:ok, pid} = Counter.start_link(name: Counter)
GenServer.cast(Counter, {:add, 5})
send(pid, :tick)
IO.inspect(GenServer.call(Counter, :value))
GenServer.stop(pid)

children = [
  Supervisor.child_spec({Counter, [name: :one]}, id: :one),
  Supervisor.child_spec({Counter, [name: :two]}, id: :two),
  {Registry, keys: :unique, name: Names},
  {DynamicSupervisor, name: Dynamic, strategy: :one_for_one},
  {Task.Supervisor, name: Tasks},
  {Agent, fn -> %{} end}
]

{:ok, sup} = Supervisor.start_link(children, strategy: :one_for_one)
IO.inspect(Supervisor.count_children(sup))
GenServer.cast(:one, {:add, 1})
GenServer.cast(:two, {:add, 2})
old = Process.whereis(:one)

try do
  GenServer.call(:one, :crash)
catch
  :exit, {{%{message: message}, _}, {GenServer, :call, _}} -> IO.inspect({:crashed, message})
end

Wait.until(fn -> Process.whereis(:one) not in [nil, old] end)
IO.inspect({GenServer.call(:one, :value), GenServer.call(:two, :value)})

for key <- [:a, :b, :c] do
  name = {:via, Registry, {Names, key}}
  {:ok, _} = DynamicSupervisor.start_child(Dynamic, {Counter, [name: name]})
  GenServer.cast(name, {:add, 7})
end

IO.inspect(DynamicSupervisor.count_children(Dynamic))
IO.inspect(GenServer.call({:via, Registry, {Names, :b}}, :value))
IO.inspect(Registry.select(Names, [{{:"$1", :_, :_}, [], [:"$1"]}]) |> Enum.sort())
[{first, _}] = Registry.lookup(Names, :a)
:ok = DynamicSupervisor.terminate_child(Dynamic, first)
Wait.until(fn -> Registry.lookup(Names, :a) == [] end)
IO.inspect(Registry.count(Names))

IO.inspect(Task.async(fn -> 6 * 7 end) |> Task.await())
IO.inspect(Task.async_stream(1..8, &(&1 * &1), max_concurrency: 3) |> Enum.to_list())
IO.inspect(Task.Supervisor.async_nolink(Tasks, fn -> exit(:oops) end) |> Task.yield())
IO.inspect(Task.yield(Task.async(fn -> Process.sleep(:infinity) end), 10))
IO.inspect(Task.await_many(for i <- 1..5, do: Task.async(fn -> i end)))

{:ok, agent} = Agent.start_link(fn -> [] end)
for i <- 1..3, do: Agent.update(agent, &[i | &1])
IO.inspect(Agent.get_and_update(agent, &{length(&1), []}))
Agent.stop(agent)

defmodule Messages do
  def run do
    {child, ref} = spawn_monitor(fn -> receive do: (:stop -> exit(:stopped)) end)
    send(child, :stop)

    receive do
      {:DOWN, ^ref, :process, ^child, reason} -> IO.inspect(reason)
    after
      1000 -> IO.puts("timeout")
    end

    Process.flag(:trap_exit, true)
    linked = spawn_link(fn -> exit(:bye) end)
    receive do: ({:EXIT, ^linked, reason} -> IO.inspect(reason))
    Process.send_after(self(), :later, 10)
    receive do: (:later -> IO.puts("later"))

    ring =
      Enum.reduce(1..1000, self(), fn _, next ->
        spawn(fn -> receive do: (n -> send(next, n + 1)) end)
      end)

    send(ring, 0)
    receive do: (n when is_integer(n) -> IO.inspect(n))
  end
end

Messages.run()

table = :ets.new(:table, [:ordered_set, :public, read_concurrency: true])
:ets.insert(table, for(i <- 1..5, do: {i, i * i}))
IO.inspect(:ets.select(table, [{{:"$1", :"$2"}, [{:>, :"$2", 5}], [:"$1"]}]))
:persistent_term.put(:key, %{a: 1})
IO.inspect(:persistent_term.get(:key))
counter = :counters.new(2, [])
1..100 |> Enum.map(fn _ -> Task.async(fn -> :counters.add(counter, 1, 1) end) end) |> Task.await_many()
IO.inspect(:counters.get(counter, 1))

Supervisor.stop(sup)
IO.inspect(Process.whereis(:two))
