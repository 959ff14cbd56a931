using System.Diagnostics;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>
/// Readings of this moment at a steady rate, the sensors in turn. It says when which of them were sent, and lets sensors be
/// disconnected for one reading, each once: that raises an alert.
/// </summary>
/// <param name="rate">Readings a second.</param>
/// <param name="stride">Sensors whose id leaves a remainder of 1 may be disconnected.</param>
/// <param name="faultsPerSecond">Sensors that are disconnected.</param>
internal sealed class LiveFeed(Leaders leaders, PartitionRoom room, int sensors, int rate, int stride, int faultsPerSecond)
{
    /// <summary>A producer's linger: what is due in it goes together.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly BatchBuilder[] _builders =
        [.. Enumerable.Range(0, leaders.Partitions).Select(partition => new BatchBuilder(partition))];

    private readonly SensorKeys _keys = new(sensors, leaders.Partitions);
    private readonly Feeder _feeder = new(leaders, room);
    private readonly bool[] _wasDisconnected = new bool[sensors];
    private int _faults;

    /// <summary>Readings that have gone out together.</summary>
    /// <param name="End">How many there were until then.</param>
    /// <param name="At">Just before they were sent, µs since the epoch.</param>
    /// <param name="Disconnected">The sensor that was disconnected; −1: none.</param>
    public readonly record struct Tick(long End, long At, int Disconnected);

    /// <summary>Goes on until nobody reads any more.</summary>
    /// <exception cref="OperationCanceledException">Nobody reads any more.</exception>
    public async Task RunAsync(Action<Tick> sent)
    {
        using var pace = new PeriodicTimer(Interval);
        var started = Stopwatch.GetTimestamp();
        for (var index = 0L; ;)
        {
            await pace.WaitForNextTickAsync();
            room.ThrowIfOver();
            var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var (now, disconnected) = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), -1);
            for (var due = (long)(elapsed * rate); index < due; index++)
            {
                disconnected = Add(index, now, canDisconnect: disconnected < 0 && _faults < elapsed * faultsPerSecond) ?? disconnected;
            }

            var at = (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds;
            _feeder.Send(_builders.Where(builder => builder.Count > 0).Select(builder => builder.Take(now)));
            sent(new(index, at, disconnected));
        }
    }

    /// <returns>The sensor, if it is disconnected.</returns>
    private int? Add(long index, long now, bool canDisconnect)
    {
        Span<byte> json = stackalloc byte[ReadingText.MaxLength];
        var sensor = (int)(index % sensors);
        var isDisconnected = canDisconnect && sensor % stride == 1 && !_wasDisconnected[sensor];
        if (isDisconnected)
        {
            _wasDisconnected[sensor] = true;
            _faults++;
        }

        var length = isDisconnected
            ? ReadingText.WriteDisconnected(sensor, now, json)
            : ReadingText.Write(sensor, now, ReadingSequence.ChanceOf(index), json);
        _builders[_keys.PartitionOf(sensor)].Add(_keys[sensor], json[..length]);
        return isDisconnected ? sensor : null;
    }
}
