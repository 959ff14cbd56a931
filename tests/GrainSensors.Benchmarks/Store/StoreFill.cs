using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Benchmarks.Store;

/// <summary>Rows of the days before: windows of 10,000 sensors, all of them closed, period by period as they came.</summary>
internal static class StoreFill
{
    private const int Sensors = 10_000;
    private const int Callers = 2048;

    public static Task RunAsync(IWindowStore store, int rows, Progress progress, CancellationToken cancellationToken)
    {
        var length = Period.Default.TotalMicros;
        var windows = rows / 2;
        var first = Period.Default.StartOf(EpochTime.Now(TimeProvider.System)) - ((long)((windows / Sensors) + 10) * length);
        return Store.Callers.ForAllAsync(
            Callers,
            windows,
            async number =>
            {
                await SensorRows.WriteAsync(
                    store,
                    number % Sensors,
                    first + (number / Sensors * length),
                    number,
                    Random.Shared.NextInt64(),
                    null,
                    isFinal: true,
                    cancellationToken);
                if (number % 1000 == 0)
                {
                    progress.Say($"{2 * number:N0} of {rows:N0} rows are there before");
                }
            },
            cancellationToken);
    }
}
