# Protocols, behaviours, implementations of Inspect, String.Chars, Enumerable, Collectable.
defprotocol Size do
  @fallback_to_any true
  @doc "How large"
  def size(value)
end

defimpl Size, for: List do
  def size(list), do: length(list)
end

defimpl Size, for: [BitString, Atom] do
  def size(value), do: value |> to_string() |> String.length()
end

defimpl Size, for: Any do
  def size(_), do: :unknown
end

defmodule Bag do
  defstruct items: []
  def new(items \\ []), do: %Bag{items: items}

  defimpl Inspect do
    import Inspect.Algebra
    def inspect(bag, opts), do: concat(["#Bag<", to_doc(bag.items, opts), ">"])
  end

  defimpl String.Chars do
    def to_string(bag), do: "a bag of #{length(bag.items)}"
  end

  defimpl Enumerable do
    def count(bag), do: {:ok, length(bag.items)}
    def member?(bag, item), do: {:ok, item in bag.items}
    def slice(_bag), do: {:error, __MODULE__}
    def reduce(bag, acc, fun), do: Enumerable.List.reduce(bag.items, acc, fun)
  end

  defimpl Collectable do
    def into(bag) do
      {bag,
       fn
         acc, {:cont, item} -> %{acc | items: acc.items ++ [item]}
         acc, :done -> acc
         _, :halt -> :ok
       end}
    end
  end
end

IO.inspect(Enum.map([[1, 2], "häß", :atom, 12, Bag.new()], &Size.size/1))
bag = Bag.new([3, 1, 2])
IO.inspect(bag)
IO.puts("#{bag}")
IO.inspect({Enum.count(bag), Enum.member?(bag, 1), Enum.sort(bag), Enum.at(bag, 1)})
IO.inspect(Enum.into([7, 8], bag))
IO.inspect(Size.impl_for(1.5))
IO.inspect(Protocol.assert_impl!(Size, List))

defmodule Parser do
  @callback parse(String.t()) :: {:ok, term} | {:error, String.t()}
  @callback extensions() :: [String.t()]
  @optional_callbacks extensions: 0
end

defmodule Numbers do
  @behaviour Parser
  @impl true
  def parse(text) do
    case Integer.parse(text) do
      {n, ""} -> {:ok, n}
      _ -> {:error, "not a number: #{text}"}
    end
  end
end

IO.inspect({Numbers.parse("12"), Numbers.parse("x1")})
IO.inspect(Parser.behaviour_info(:callbacks))

defmodule Plug do
  defmacro __using__(options) do
    quote do
      @before_compile Plug
      Module.register_attribute(__MODULE__, :steps, accumulate: true)
      import Plug
      def options, do: unquote(options)
    end
  end

  defmacro step(name), do: quote(do: @steps(unquote(name)))

  defmacro __before_compile__(env) do
    steps = Module.get_attribute(env.module, :steps) |> Enum.reverse()
    quote do: def(steps, do: unquote(steps))
  end
end

defmodule Pipeline do
  use Plug, a: 1
  step(:first)
  step(:second)
end

IO.inspect({Pipeline.options(), Pipeline.steps()})

defmodule MyError do
  defexception [:code]
  @impl true
  def message(e), do: "code #{e.code}"
end

try do
  raise(MyError, code: 7)
rescue
  e in [MyError] -> IO.puts(Exception.format(:error, e))
end

defmodule Guards do
  defguard is_even(n) when is_integer(n) and rem(n, 2) == 0
  def kind(n) when is_even(n), do: :even
  def kind(_), do: :odd
  def rest([_ | rest] = _all, default \\ :none), do: {rest, default}
  defdelegate reverse(list), to: Enum
end

IO.inspect({Guards.kind(4), Guards.kind(5), Guards.rest([1, 2]), Guards.reverse([1, 2])})
