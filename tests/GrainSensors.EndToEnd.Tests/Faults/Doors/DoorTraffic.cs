namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>
/// Sensors that report through a door all the time. Each of their readings has a second of its own, some come late, and the door
/// acknowledges one before the next.
/// </summary>
internal sealed class DoorTraffic
{
    public const int Sensors = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private readonly Door _door;
    private readonly int _number;
    private readonly Random _random;
    private readonly List<SentReading> _late = [];
    private readonly List<(byte[] Message, SentReading[] Readings)> _sent = [];

    /// <param name="number">Of the door, which decides the places of its sensors.</param>
    public DoorTraffic(Door door, int number, int seed) => (_door, _number, _random) = (door, number, new((seed * 100) + number));

    public Door Door => _door;

    /// <summary>Every message that the door has been given.</summary>
    public IReadOnlyList<(byte[] Message, SentReading[] Readings)> Sent => _sent;

    public IEnumerable<int> Places => Enumerable.Range(_number * Sensors, Sensors);

    /// <summary>Readings that the door has acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <param name="stop">Ends it; what was sent is acknowledged before.</param>
    public async Task RunAsync(long from, CancellationToken stop, CancellationToken giveUp)
    {
        using var pace = new PeriodicTimer(Interval);
        for (var second = from; !stop.IsCancellationRequested; second++)
        {
            await pace.WaitForNextTickAsync(giveUp);
            var now = Places.Select(place => new SentReading(place, second, Math.Round(_random.NextDouble() * 40, 2)));
            var isLate = now.ToLookup(_ => _random.Next(20) == 0);
            await SendAsync(isLate[false], giveUp);
            _late.AddRange(isLate[true]);
            if (_random.Next(40) == 0)
            {
                await SendLateAsync(giveUp);
            }
        }

        await SendLateAsync(giveUp);
    }

    private async Task SendLateAsync(CancellationToken cancellationToken)
    {
        await SendAsync(_late, cancellationToken);
        _late.Clear();
    }

    private async Task SendAsync(IEnumerable<SentReading> readings, CancellationToken cancellationToken)
    {
        var messages = readings.Chunk(_door.ReadingsOfMessage).Select(chunk => (_door.Write(chunk), chunk)).ToList();
        if (messages.Count > 0)
        {
            _sent.AddRange(messages);
            await _door.SendAsync([.. messages.Select(message => message.Item1)], cancellationToken);
            Acknowledged += messages.Sum(message => message.chunk.Length);
        }
    }
}
