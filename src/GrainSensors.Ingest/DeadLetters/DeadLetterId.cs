using System.Globalization;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Where a letter stands in the dead-letter topic; written <c>PARTITION:OFFSET</c>.</summary>
public readonly record struct DeadLetterId(int Partition, long Offset) : IComparable<DeadLetterId>
{
    /// <returns>False: the text is not two whole numbers with a colon between them.</returns>
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
