package org.mpm4j;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How many of a number of children: a count, or a percentage of them. It is the value of
/// directives such as `ReloadMaxSurge`, written `2` or `25%`.
///
/// @param amount the count or the percentage
/// @param percentage whether the amount is a percentage
public record Share(int amount, boolean percentage) {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(%?)");

  /// Checks the amount.
  ///
  /// @throws IllegalArgumentException if it is negative, or a percentage above 100
  public Share {
    if (amount < 0 || (percentage && amount > 100)) {
      throw new IllegalArgumentException(
          amount + (percentage ? "% is not from 0% to 100%" : " is negative"));
    }
  }

  /// So many children.
  ///
  /// @param amount the count
  /// @return the share
  /// @throws IllegalArgumentException if it is negative
  public static Share count(int amount) {
    return new Share(amount, false);
  }

  /// So many of a hundred children.
  ///
  /// @param amount the percentage
  /// @return the share
  /// @throws IllegalArgumentException if it is not from 0 to 100
  public static Share percent(int amount) {
    return new Share(amount, true);
  }

  /// Reads the syntax of the directives.
  ///
  /// @param text for example `2` or `25%`
  /// @return the share
  /// @throws IllegalArgumentException if the text is not of that form
  public static Share parse(String text) {
    return read(text)
        .orElseThrow(() ->
            new IllegalArgumentException(
                Syntax.shown(text)
                    + " is not a share; expected a number or a percentage, as in 2 or 25%"));
  }

  static Optional<Share> read(String text) {
    Matcher share = FORM.matcher(text);
    if (!share.matches()) {
      return Optional.empty();
    }
    int amount = Integer.parseInt(share.group(1));
    boolean percentage = !share.group(2).isEmpty();
    return percentage && amount > 100
        ? Optional.empty()
        : Optional.of(new Share(amount, percentage));
  }

  /// Whether the share is nothing, however many children there are.
  ///
  /// @return true for `0` and `0%`
  public boolean none() {
    return amount == 0;
  }

  /// The share of `total` children, a part of a child being a whole one.
  ///
  /// @param total the number of children, at least 0
  /// @return the count, whatever the total is, or the percentage of the total rounded up
  public int roundedUp(int total) {
    return percentage ? (int) (((long) total * amount + 99) / 100) : amount;
  }

  /// The share of `total` children, a part of a child being none.
  ///
  /// @param total the number of children, at least 0
  /// @return the count, whatever the total is, or the percentage of the total rounded down
  public int roundedDown(int total) {
    return percentage ? (int) ((long) total * amount / 100) : amount;
  }

  /// The share as a directive has it: `2` or `25%`.
  @Override
  public String toString() {
    return amount + (percentage ? "%" : "");
  }
}
