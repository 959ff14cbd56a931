using GrainSensors.Sources.Results;

namespace GrainSensors.Sources.Mapping;

/// <summary>What a scan has found in its document.</summary>
/// <param name="numbers">Null: no place of the tree has numbers.</param>
internal sealed class ScanState(int slots, NumberList? numbers)
{
    /// <summary>The most readings of a message.</summary>
    public const int MaxReadings = 10_000;

    public static Fault TooMany { get; } = new(
        SourceRejectReason.TooManyReadings, FormattableString.Invariant($"the message must have at most {MaxReadings} readings; got more"));

    private ReadingSpan[] _readings = new ReadingSpan[16];

    public Slot[] Slots { get; } = new Slot[slots];

    public NumberList? Numbers => numbers;

    /// <summary>The member that <c>{name}</c> of the path of readings stands for at this place.</summary>
    public Slot Member { get; set; }

    public ReadOnlySpan<ReadingSpan> Readings => _readings.AsSpan(0, Math.Min(ReadingCount, MaxReadings));

    /// <summary>Counts also those beyond <see cref="MaxReadings"/>, which are not kept.</summary>
    public int ReadingCount { get; private set; }

    public void Clear()
    {
        Array.Clear(Slots);
        numbers?.Clear();
        (ReadingCount, Member) = (0, default);
    }

    public void Keep(int start, int length)
    {
        if (ReadingCount++ >= MaxReadings)
        {
            return;
        }

        if (ReadingCount > _readings.Length)
        {
            Array.Resize(ref _readings, _readings.Length * 2);
        }

        _readings[ReadingCount - 1] = new(start, length, Member);
    }
}
