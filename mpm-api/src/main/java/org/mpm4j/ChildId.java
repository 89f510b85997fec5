package org.mpm4j;

/// Which child: its slot and pid are used again by others, the three together are not.
///
/// @param slot of the scoreboard
/// @param pid of its process
/// @param generation of the configuration that it serves
public record ChildId(int slot, int pid, int generation) {
  @Override
  public String toString() {
    return "child " + slot + " (pid " + pid + ", generation " + generation + ")";
  }
}
