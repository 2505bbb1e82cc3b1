// A small bank: structs, methods that change their receiver, results and errors.
struct Account {
	owner string
mut:
	balance int
	history []string
}

fn (mut a Account) deposit(amount int) {
	a.balance += amount
	a.history << 'deposit ${amount}'
}

fn (mut a Account) withdraw(amount int) ! {
	if amount > a.balance {
		return error('${a.owner} has only ${a.balance}')
	}
	a.balance -= amount
	a.history << 'withdraw ${amount}'
}

fn transfer(mut from Account, mut to Account, amount int) ! {
	from.withdraw(amount)!
	to.deposit(amount)
}

fn main() {
	mut alice := Account{
		owner: 'Alice'
	}
	mut bob := Account{
		owner: 'Bob'
	}
	alice.deposit(100)
	transfer(mut alice, mut bob, 30) or { println(err) }
	transfer(mut bob, mut alice, 500) or { println('refused: ${err}') }
	println(alice)
	println(bob)
}
