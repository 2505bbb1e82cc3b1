# A project's tests with ExUnit, without Mix: some of them fail.
ExUnit.start(seed: 0, colors: [enabled: false], autorun: false, max_cases: 1)

defmodule Stack do
  defstruct items: []
  def push(%Stack{items: items} = stack, item), do: %{stack | items: [item | items]}
  def pop(%Stack{items: [item | rest]} = stack), do: {item, %{stack | items: rest}}
  def pop(%Stack{items: []}), do: raise(ArgumentError, "empty")
end

defmodule StackTest do
  use ExUnit.Case, async: false

  setup context do
    {:ok, stack: Enum.reduce(context[:items] || [], %Stack{}, &Stack.push(&2, &1))}
  end

  @tag items: [1, 2]
  test "pops what was pushed last", %{stack: stack} do
    assert {2, rest} = Stack.pop(stack)
    assert {1, %Stack{items: []}} = Stack.pop(rest)
  end

  test "an empty stack raises", %{stack: stack} do
    assert_raise ArgumentError, "empty", fn -> Stack.pop(stack) end
  end

  test "a failing comparison", %{stack: stack} do
    assert Stack.push(stack, 1).items == [2]
  end

  test "a failing match" do
    assert {:ok, _} = {:error, :reason}
  end

  test "a crash" do
    send(self(), :message)
    assert_receive :message
    refute_received :other
    raise "unexpected"
  end

  @tag :skip
  test "skipped" do
    flunk("never")
  end

  describe "numbers" do
    for n <- 1..3 do
      test "#{n} is positive" do
        assert unquote(n) > 0
      end
    end
  end
end

# Times differ between runs.
ExUnit.configure(formatters: [])
IO.inspect(ExUnit.run() |> Map.delete(:time))
