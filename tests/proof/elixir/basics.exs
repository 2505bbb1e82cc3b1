# Expressions, functions, modules, comprehensions, pipes, sigils, errors.
IO.puts("hello #{1 + 1}")
IO.inspect(System.argv())

defmodule Shapes do
  @moduledoc "Areas."
  @pi 3.14159
  defstruct name: "none", sides: []

  @doc "Area of a shape"
  def area({:circle, r}) when r > 0, do: @pi * r * r
  def area({:rect, w, h}), do: w * h
  def area(other), do: {:error, other}

  def total(shapes) do
    shapes |> Enum.map(&area/1) |> Enum.filter(&is_number/1) |> Enum.sum()
  end

  defmacro twice(expression) do
    quote do
      {unquote(expression), unquote(expression)}
    end
  end
end

IO.inspect(Shapes.total([{:circle, 2}, {:rect, 3, 4}, :blob]))

defmodule Uses do
  require Shapes
  def run, do: Shapes.twice(1 + 2)
  def structs, do: {%Shapes{sides: [1, 2]}, %{%Shapes{} | name: "x"}.name}
end

IO.inspect(Uses.run())
IO.inspect(Uses.structs())

IO.inspect(for x <- 1..3, y <- [:a, :b], x != 2, do: {x, y})
IO.inspect(for <<c <- "héllo">>, into: "", do: <<c + 1>>)
IO.inspect(for {k, v} <- %{a: 1, b: 2}, into: %{}, do: {v, k})
IO.inspect(for x <- [1, 2, 1], reduce: %{}, do: (acc -> Map.update(acc, x, 1, &(&1 + 1))))
IO.inspect(~w(a b c)a ++ ~w(d e))
IO.inspect(~c"charlist")
IO.inspect(~D[2024-02-29])
IO.inspect(~T[12:30:00.5])
IO.inspect(~N[2024-02-29 12:30:00])
IO.inspect(~U[2024-02-29 12:30:00Z])

result =
  with {:ok, a} <- Map.fetch(%{a: 1}, :a),
       {:ok, b} <- Map.fetch(%{a: 1}, :b) do
    a + b
  else
    :error -> :missing
  end

IO.inspect(result)
IO.inspect(case {1, [2, 3]}, do: ({1, [h | _]} -> h))
IO.inspect(cond do
  1 > 2 -> :no
  true -> :yes
end)

for failing <- [
      fn -> raise "boom" end,
      fn -> raise ArgumentError end,
      fn -> 1 / Enum.count([]) end,
      fn -> Map.fetch!(Process.get(:none, %{a: 1}), :b) end,
      fn -> Shapes.nothing(1) end,
      fn -> hd(Enum.to_list([])) end,
      fn -> String.to_integer(Process.get(:none, "x")) end,
      fn -> throw(:ball) end,
      fn -> exit(:gone) end,
      fn -> Process.get(:none, %{a: 1}).b end,
      fn -> struct!(Shapes, nope: 1) end,
      fn -> Keyword.fetch!([a: 1], :b) end
    ] do
  try do
    failing.()
  rescue
    e -> IO.puts("#{inspect(e.__struct__)}: #{Exception.message(e)}")
  catch
    kind, value -> IO.inspect({kind, value})
  after
    :ok
  end
end

IO.inspect(:erlang.system_info(:otp_release))
IO.inspect(quote(do: a + b * 2))
IO.puts(Macro.to_string(quote do: if(x, do: 1, else: 2)))
IO.inspect(Code.eval_string("a + b", a: 1, b: 2))
IO.inspect(Code.format_string!("foo( 1,2 )\n|>bar") |> IO.iodata_to_binary())
[{module, binary}] = Code.compile_string("defmodule Made, do: def(f(x), do: x * 2)")
IO.inspect({module, is_binary(binary), apply(module, :f, [21])})
IO.inspect(Shapes.__info__(:functions))
IO.inspect(Integer.pow(2, 200))
IO.inspect(Float.round(2.675, 2))
IO.inspect(0.1 + 0.2)
IO.inspect(Bitwise.bxor(12, 10))
IO.inspect(<<1, 2, 3::16, 4::size(4), 5::size(4)>>)
IO.inspect(binary_part("hello", 1, 3))
IO.inspect("a" <> "b" =~ "ab")
IO.inspect(inspect([1, "two", :three, 4.0, {5}, %{six: 6}, nil, true], limit: 5))
IO.inspect(Enum.to_list(1..200), limit: 10)
