using System.Globalization;

namespace GrainSensors.Hosting.Configuration.Binding;

/// <summary>An option that is a number within a range.</summary>
/// <param name="note">The meaning of a special value, in parentheses behind the range; null: none.</param>
internal sealed class NumberAttribute(double least, double most, bool isInteger = true, string? note = null)
    : ValueAttribute(string.Create(
        CultureInfo.InvariantCulture,
        $"{(isInteger ? "an integer" : "a number")} from {least} to {most}{(note is null ? "" : $" ({note})")}"))
{
    public double Least { get; } = least;

    public double Most { get; } = most;

    public override bool Allows(object value) =>
        Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && number >= Least && number <= Most;
}
