using System.Globalization;
using System.Text;
using GrainSensors.Ingest.Producing;

namespace GrainSensors.Browser.Tests.Fixtures;

/// <summary>A silo with 10,000 sensors that report every other second.</summary>
public sealed class LargeConsoleServer() : ConsoleServer(sensors: 0), IAsyncDisposable
{
    public const int Sensors = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stop = new();
    private Task _reporting = Task.CompletedTask;

    public void Begin() => _reporting = _reporting.IsCompleted ? Task.Run(ReportAsync) : _reporting;

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reporting;
        _stop.Dispose();
        await DisposeAsync();
    }

    private async Task ReportAsync()
    {
        var producer = Services<ReadingProducer>();
        using var timer = new PeriodicTimer(Interval);
        try
        {
            for (var round = 0; ; round++)
            {
                for (var sensor = 1; sensor <= Sensors; sensor++)
                {
                    var time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                    var temperature = 20 + Math.Sin((round + sensor) / 5.0);
                    var humidity = 50 + Math.Cos((round + sensor) / 7.0);
                    var json = string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""
                        {"sensor_id":{{sensor}},"timestamp":{{time}},"temperature":{{temperature:0.00}},"humidity":{{humidity:0.0}}}
                        """);
                    await producer.AppendAsync(sensor, Encoding.UTF8.GetBytes(json), cancellationToken: _stop.Token);
                }

                await timer.WaitForNextTickAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test has ended.
        }
    }
}
