/**
 * Bad input to the linker: the message names the object and what is wrong, and is all that a user
 * should see.
 */
export class LinkError extends Error {}
