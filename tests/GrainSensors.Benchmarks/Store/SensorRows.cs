using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Benchmarks.Store;

/// <summary>The two rows, temperature and humidity, that a grain writes for one window.</summary>
internal static class SensorRows
{
    private static readonly long Length = Period.Default.TotalMicros;

    public static WindowId Window(int sensor, long start) => new(sensor, start, start + Length);

    /// <param name="expected">The token of the rows that are there; null: there are none.</param>
    /// <exception cref="InvalidOperationException">They were not written.</exception>
    public static async Task WriteAsync(
        IWindowStore store,
        int sensor,
        long start,
        int number,
        long token,
        long? expected,
        bool isFinal,
        CancellationToken cancellationToken)
    {
        var outcomes = await store.WriteAsync([Write("temperature"), Write("humidity")], cancellationToken);
        if (!Array.TrueForAll(outcomes, outcome => outcome == WriteOutcome.Written))
        {
            throw new InvalidOperationException("The store did not do what was asked; do other programs write to it?");
        }

        WindowWrite Write(string metric)
        {
            var key = new WindowKey(sensor, metric, start, start + Length);
            var marks = Marks.Empty.Raise(new(Guid.Empty, number % 4), number);
            return new(new(key, new RunningStatistics(900, 21.5, 0.5, 20, 23), marks, token, 0, isFinal), expected);
        }
    }
}
