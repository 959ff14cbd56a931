using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Benchmarks.Store;

/// <summary>The window, with temperature and humidity, that a grain writes.</summary>
internal static class SensorRows
{
    private static readonly RunningStatistics Statistics = new(900, 21.5, 0.5, 20, 23);

    public static WindowId Window(int sensor, long start) => new(sensor, Period.Default, start);

    /// <param name="expected">The row version of the window that is there; null: there is none.</param>
    /// <exception cref="InvalidOperationException">The window was not written.</exception>
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
        var window = new StoredWindow(
            Window(sensor, start),
            [new("temperature", Statistics), new("humidity", Statistics)],
            Marks.Empty.Raise(new(Guid.Empty, number % 4), number),
            token,
            Revision: 0,
            isFinal);
        var outcomes = await store.WriteAsync([new(window, expected)], cancellationToken);
        if (outcomes[0] != WriteOutcome.Written)
        {
            throw new InvalidOperationException("The store did not write the window. Check that no other program writes to it.");
        }
    }
}
