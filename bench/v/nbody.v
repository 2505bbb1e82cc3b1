// The planets' movement: floats in structs in an array.
import math

struct Body {
mut:
	x    f64
	y    f64
	z    f64
	vx   f64
	vy   f64
	vz   f64
	mass f64
}

const solar_mass = 39.47841760435743
const year = 365.24

fn bodies() []Body {
	return [
		Body{ 0, 0, 0, 0, 0, 0, solar_mass },
		Body{ 4.84143144246472090, -1.16032004402742839, -0.103622044471123109, 0.00166007664274403694 * year, 0.00769901118419740425 * year, -0.0000690460016972063023 * year, 0.000954791938424326609 * solar_mass },
		Body{ 8.34336671824457987, 4.12479856412430479, -0.403523417114321381, -0.00276742510726411048 * year, 0.00499852801234917238 * year, 0.0000230417297573763929 * year, 0.000285885980666130812 * solar_mass },
		Body{ 12.8943695621391310, -15.1111514016986312, -0.223307578892655734, 0.00296460137564761618 * year, 0.00237847173959480950 * year, -0.0000296589568540237556 * year, 0.0000436624404335156298 * solar_mass },
		Body{ 15.3796971148509165, -25.9193146099879641, 0.179258772950371181, 0.00268067772490389322 * year, 0.00162824170038242295 * year, -0.0000951592254519715870 * year, 0.0000515138902046611451 * solar_mass },
	]
}

fn advance(mut system []Body, dt f64) {
	for i in 0 .. system.len {
		mut a := system[i]
		for j in i + 1 .. system.len {
			mut b := system[j]
			dx := a.x - b.x
			dy := a.y - b.y
			dz := a.z - b.z
			distance := dx * dx + dy * dy + dz * dz
			magnitude := dt / (distance * math.sqrt(distance))
			pull := b.mass * magnitude
			push := a.mass * magnitude
			a.vx -= dx * pull
			a.vy -= dy * pull
			a.vz -= dz * pull
			b.vx += dx * push
			b.vy += dy * push
			b.vz += dz * push
			system[j] = b
		}
		a.x += dt * a.vx
		a.y += dt * a.vy
		a.z += dt * a.vz
		system[i] = a
	}
}

fn energy(system []Body) f64 {
	mut e := 0.0
	for i, a in system {
		e += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
		for j in i + 1 .. system.len {
			b := system[j]
			dx := a.x - b.x
			dy := a.y - b.y
			dz := a.z - b.z
			e -= a.mass * b.mass / math.sqrt(dx * dx + dy * dy + dz * dz)
		}
	}
	return e
}

fn main() {
	mut system := bodies()
	for _ in 0 .. 20000 {
		advance(mut system, 0.01)
	}
	println('${energy(system):.9f}')
}
