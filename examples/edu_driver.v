// A driver in V for QEMU's device `edu`, which computes factorials and interrupts when it is done.
// vbeam_pci starts a process below vbeam_hal_sup for each device that the struct's attribute fits.
//
//     npx vbeam qemu examples/edu_driver.v
@[erlang_module: 'edu_driver']
module main

import erlang

const reg_factorial = 0x08
const reg_status = 0x20
const status_interrupts = u32(0x80)
const reg_raised = 0x24
const reg_acknowledge = 0x64

// --- the system's functions that a driver calls -------------------------------------------------

struct Claimed {
	bars map[int]erlang.Term
}

@[erlang: 'vbeam_pci:claim']
fn claim(address erlang.Term) !Claimed

@[erlang: 'vbeam_pci:claim_messages']
fn claim_messages(address erlang.Term, count int) !erlang.Term

@[erlang: 'vbeam_pci_drivers:name']
fn driver_name(mod erlang.Atom, address erlang.Term) erlang.Atom

@[erlang: 'vbeam_hw:read']
fn read(registers erlang.Term, offset int, bits int) u32

@[erlang: 'vbeam_hw:write']
fn write(registers erlang.Term, offset int, bits int, value u32)

// What outlives the driver: counters that the keeper owns.
@[erlang: 'vbeam_keeper:atomics']
fn kept_counters(name erlang.Atom, key erlang.Atom, count int) erlang.Term

@[erlang: 'atomics:add']
fn add(counters erlang.Term, index int, more int)

@[erlang: 'atomics:get']
fn counted(counters erlang.Term, index int) int

// --- requests -----------------------------------------------------------------------------------

// {factorial, N}: the factorial of N modulo 2^32.
@[record]
struct Factorial {
	n u32
}

enum Query {
	// How many requests were answered since boot, whatever became of the driver meanwhile.
	served
}

type Request = Factorial | Query

struct Waiting {
	n    u32
	from erlang.From
}

// --- the driver ---------------------------------------------------------------------------------

struct Device {
	address erlang.Term
}

@[behaviour: 'vbeam_driver']
@[vbeam_match: 'vendor=0x1234 device=0x11e8']
struct Edu {
	registers erlang.Term
	messages  erlang.Term
	served    erlang.Term
mut:
	// The first is what the device computes now.
	waiting []Waiting
}

fn Edu.init(device Device) !Edu {
	name := driver_name(erlang.atom('edu_driver'), device.address)
	claimed := claim(device.address)!
	registers := claimed.bars[0]
	messages := claim_messages(device.address, 1)!
	write(registers, reg_acknowledge, 32, read(registers, reg_raised, 32))
	write(registers, reg_status, 32, status_interrupts)
	return Edu{
		registers: registers
		messages:  messages
		served:    kept_counters(name, erlang.atom('served'), 1)
	}
}

fn (mut e Edu) handle_call(request Request, from erlang.From) ?u32 {
	match request {
		Factorial {
			e.waiting << Waiting{
				n:    request.n
				from: from
			}
			if e.waiting.len == 1 {
				e.begin()
			}
			return none
		}
		Query {
			return u32(counted(e.served, 1))
		}
	}
}

fn (e Edu) begin() {
	write(e.registers, reg_factorial, 32, e.waiting[0].n)
}

// The device has finished something, or a message came late: its registers know.
fn (mut e Edu) handle_interrupt(vector int, data u64) {
	raised := read(e.registers, reg_raised, 32)
	write(e.registers, reg_acknowledge, 32, raised)
	if raised == 0 || e.waiting.len == 0 {
		return
	}
	add(e.served, 1, 1)
	erlang.reply(e.waiting[0].from, read(e.registers, reg_factorial, 32))
	e.waiting.delete(0)
	if e.waiting.len > 0 {
		e.begin()
	}
}

fn (e Edu) terminate(reason erlang.Term) {
	write(e.registers, reg_status, 32, 0)
}

// --- for a look ---------------------------------------------------------------------------------

struct Pattern {
	vendor int
	device int
}

@[erlang: 'vbeam_pci:find']
fn find(pattern Pattern) ![]Device

fn factorial(name erlang.Atom, n u32) !u32 {
	return erlang.ask[Factorial, u32](name, Factorial{ n: n })
}

// Ends a driver and waits for its successor.
fn end(name erlang.Atom) {
	old := erlang.whereis(name) or { return }
	erlang.exit_process(old, erlang.atom('kill'))
	for {
		erlang.receive_for[int](1) or {}
		if now := erlang.whereis(name) {
			if now != old {
				return
			}
		}
	}
}

fn main() {
	devices := find(Pattern{ vendor: 0x1234, device: 0x11e8 }) or {
		println('no PCI on this system')
		return
	}
	for device in devices {
		name := driver_name(erlang.atom('edu_driver'), device.address)
		println('${name}: 8! is ${factorial(name, 8)!}')
		end(name)
		println('${name}: after its end 13! is ${factorial(name, 13)!}')
		println('${name}: served ${erlang.ask[Query, int](name, Query.served)!}')
	}
}
