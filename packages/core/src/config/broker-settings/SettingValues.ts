import type { ConfigValue } from "../ConfigValue.ts"

/** Reads parsed values; every key it is asked for is declared, so a wrong one is a mistake of the caller. */
export class SettingValues {
  private readonly values: ReadonlyMap<string, ConfigValue>
  constructor(values: ReadonlyMap<string, ConfigValue>) {
    this.values = values
  }
  number(name: string): number {
    return Number(this.values.get(name))
  }
  boolean(name: string): boolean {
    return this.values.get(name) === true
  }
  string(name: string): string {
    return String(this.values.get(name) ?? "")
  }
  nullable(name: string): string | null {
    const value = this.values.get(name)
    return typeof value === "string" && value !== "" ? value : null
  }
  list(name: string): ReadonlyArray<string> {
    const value = this.values.get(name)
    return Array.isArray(value) ? value : []
  }
}
