/** Decimal amounts as text, never as floats. */

/** `a` less `b`: ("14.00", "12.5") is "1.50". */
export function less(a: string, b: string): string {
  const digits = Math.max(decimals(a), decimals(b))
  const found = whole(a, digits) - whole(b, digits)
  const text = String(found < 0n ? -found : found).padStart(digits + 1, "0")
  const cut = text.length - digits
  return `${found < 0n ? "-" : ""}${text.slice(0, cut)}${digits ? "." : ""}${text.slice(cut)}`
}

const decimals = (amount: string): number => amount.split(".")[1]?.length ?? 0

function whole(amount: string, digits: number): bigint {
  const [units = "0", rest = ""] = amount.split(".")
  return BigInt(units + rest.padEnd(digits, "0"))
}
