using System.Globalization;
using GrainSensors.Core.Time;

namespace GrainSensors.Core.Windows;

/// <summary>
/// Counts one value of a measurement for each step of event time. Of several values the smallest counts, so the order of arrival does
/// not matter.
/// </summary>
/// <remarks>
/// A smaller value takes the place of the one that counted before, so a row needs the value of each step: no set of times would do.
/// </remarks>
public sealed class Deduplication
{
    /// <summary>The most bytes of a row for the values of all steps. Longer rows are stored apart, at an eighth of the rate.</summary>
    public const int MaxBytes = 1536;

    /// <param name="measurements">The number of measurements.</param>
    /// <exception cref="ArgumentException">
    /// The resolution does not divide the period, or the values of a window need too many bytes.
    /// </exception>
    public Deduplication(Period period, TimeSpan resolution, int measurements)
    {
        Resolution = EpochTime.From(resolution);
        if (Resolution < 1 || period.TotalMicros % Resolution != 0)
        {
            throw new ArgumentException(
                $"DeduplicateResolution must divide Period ({period}) into whole steps; got {Text(Resolution)}. Use 1s, for example.");
        }

        var steps = period.TotalMicros / Resolution;
        RowBytes = measurements * StepValues.MaxSize(steps);
        if (RowBytes > MaxBytes)
        {
            throw new ArgumentException(
                $"Deduplicate would keep up to {RowBytes} bytes in each row, more than {MaxBytes}: {steps} "
                + $"steps of {Text(Resolution)} in {period}, 8 bytes each, for {measurements} measurement{(measurements == 1 ? "" : "s")}. "
                + $"{Cure(period, measurements)}");
        }
    }

    /// <summary>The length of a step, µs.</summary>
    public long Resolution { get; }

    /// <summary>The most bytes of a row for the values of all steps.</summary>
    public long RowBytes { get; }

    private string Cure(Period period, int measurements)
    {
        var (seconds, longest) = (1L, 0L);
        while (seconds < period.TotalSeconds && !Fits(period.TotalSeconds, seconds * EpochTime.MicrosPerSecond))
        {
            seconds++;
        }

        for (var size = period.TotalSeconds; size > 0 && longest == 0; size--)
        {
            longest = period.TotalSeconds % size == 0 && Fits(size, Resolution) ? size : 0;
        }

        return $"Set DeduplicateResolution to {seconds}s or longer"
            + (longest > 0 ? $", or Period to {Period.FromSeconds(longest)} or shorter." : ".");

        bool Fits(long size, long resolution) => size * EpochTime.MicrosPerSecond % resolution == 0
            && measurements * StepValues.MaxSize(size * EpochTime.MicrosPerSecond / resolution) <= MaxBytes;
    }

    private static string Text(long micros) => string.Create(CultureInfo.InvariantCulture, $"{micros / 1e6} s");
}
