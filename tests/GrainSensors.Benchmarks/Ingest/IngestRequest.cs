using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>What is to be measured.</summary>
/// <param name="WarmUp">So many readings come before those that are measured.</param>
/// <param name="Names">The sensors have names instead of ids.</param>
/// <param name="Measurements">The number of measurements of a reading.</param>
/// <param name="Mapping">The topic is a source, which has a mapping.</param>
/// <param name="Periods">Readings are counted in minutes, and merged to longer windows.</param>
/// <param name="Sketches">All measurements have sketches.</param>
/// <param name="Only">One of the contenders; null: all of them.</param>
internal sealed record IngestRequest(
    int Sensors, long Readings, long WarmUp, int Silos, int Partitions, int Rounds, string? Only, bool Names = false,
    int Measurements = ReadingText.Declared, bool Mapping = false, bool Periods = false, bool Sketches = false)
{
    /// <summary>The bare loop, as the value of <see cref="Only"/>.</summary>
    public const string Bare = "bare";

    /// <summary>The silos, as the value of <see cref="Only"/>.</summary>
    public const string Product = "product";

    /// <summary>Older windows would be past retention.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(300);

    /// <summary>How long the readings ended ago: no window is too old or in the future.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    /// <summary>Event time of the first readings, seconds since the epoch.</summary>
    public long From => DateTimeOffset.UtcNow.Subtract(Age).ToUnixTimeSeconds() - (Readings / Sensors);

    /// <summary>The number of silos of each contender; 0: the bare loop.</summary>
    public IReadOnlyList<int> Contenders => Only switch
    {
        Bare => [0],
        Product => [Silos],
        _ => Silos == 1 ? [0, 1] : [0, 1, Silos],
    };

    public static string NameOf(int silos) => silos switch
    {
        0 => "bare loop",
        1 => "1 silo",
        _ => FormattableString.Invariant($"{silos} silos"),
    };

    /// <exception cref="UsageException">It makes no sense.</exception>
    public void Validate()
    {
        if (Names && Only != Product)
        {
            throw new UsageException("--names requires --only product: the bare loop reads ids only.");
        }

        if (Mapping && Only != Product)
        {
            throw new UsageException("--mapping requires --only product: the bare loop reads the contract only.");
        }

        if (Periods && Only != Product)
        {
            throw new UsageException("--periods requires --only product: the bare loop knows one.");
        }

        if (Sketches && Only != Product)
        {
            throw new UsageException("--sketches requires --only product: the bare loop has none.");
        }

        if (Measurements > ReadingText.Declared && Only != Product)
        {
            throw new UsageException("--measurements requires --only product: the bare loop knows two.");
        }

        if (WarmUp >= Readings)
        {
            throw new UsageException(
                $"--warm-up {WarmUp} leaves none of {Readings} readings to be measured; give fewer, or more --readings.");
        }

        if (Readings / Sensors > Longest.TotalSeconds)
        {
            throw new UsageException(
                $"--readings {Readings} of {Sensors} sensors, one a second each, reach back beyond retention; "
                + $"give at most {(long)(Longest.TotalSeconds * Sensors)}.");
        }

        if (Silos > Partitions)
        {
            throw new UsageException($"--silos {Silos} cannot share {Partitions} partitions; give more --partitions.");
        }
    }
}
