using System.Globalization;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>The position of a dead letter in the dead-letter topic, written as <c>PARTITION:OFFSET</c>.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset.</param>
public readonly record struct DeadLetterId(int Partition, long Offset) : IComparable<DeadLetterId>
{
    /// <returns>False: the text is not two integers with a colon between them.</returns>
    public static bool TryParse(string? text, out DeadLetterId id)
    {
        id = default;
        if (text?.Split(':') is not [var partition, var offset]
            || !int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out var p)
            || !long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var o))
        {
            return false;
        }

        id = new(p, o);
        return true;
    }

    public int CompareTo(DeadLetterId other) => (Partition, Offset).CompareTo((other.Partition, other.Offset));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}:{Offset}");

    public static bool operator <(DeadLetterId left, DeadLetterId right) => left.CompareTo(right) < 0;

    public static bool operator <=(DeadLetterId left, DeadLetterId right) => left.CompareTo(right) <= 0;

    public static bool operator >(DeadLetterId left, DeadLetterId right) => left.CompareTo(right) > 0;

    public static bool operator >=(DeadLetterId left, DeadLetterId right) => left.CompareTo(right) >= 0;
}
