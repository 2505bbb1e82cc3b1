Module {
	name: 'inventory'
	description: 'Files and modules in one program'
	version: '0.1.0'
}
