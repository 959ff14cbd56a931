using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Storage.Names;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Ingest.Tests.Partitions;

public sealed class BatchNamingTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeNames _names = new();
    private readonly BatchNaming _naming;

    public BatchNamingTests() => _naming = new(_names, discovery: null, _clock);

    [Fact]
    public async Task Readings_of_names_with_numbers_keep_their_order_and_the_others_become_dead_letters()
    {
        _names.Numbers["boiler"] = -7;
        var batch = Batch("boiler", "pump", "boiler");
        var readings = await _naming.NameAsync(batch);
        Assert.Equal([(0, -7), (2, -7)], readings.Readings.ToArray().Select(reading => ((int)reading.Offset, reading.SensorId)));
        var rejected = Assert.Single(batch.Rejected);
        Assert.Equal((1, RejectReason.TooManySensors), (rejected.Offset, rejected.Reason));
        Assert.Equal((1, 0), (Assert.Single(rejected.Refusals).Offset, rejected.Refusals[0].Index));
        Assert.Null(rejected.Parts);
        Assert.Equal(["boiler", "pump"], Assert.Single(_names.Asked));
    }

    [Fact]
    public async Task A_name_that_got_no_number_is_asked_for_again_after_seconds()
    {
        await _naming.NameAsync(Batch("pump"));
        _names.Numbers["pump"] = -7;
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, (await _naming.NameAsync(Batch("pump"))).Count);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await _naming.NameAsync(Batch("pump"))).Count);
    }

    [Fact]
    public async Task A_rewind_asks_for_every_name_again()
    {
        await _naming.NameAsync(Batch("pump"));
        _names.Numbers["pump"] = -7;
        _naming.Forget();
        Assert.Equal(1, (await _naming.NameAsync(Batch("pump"))).Count);
    }

    [Fact]
    public async Task Names_that_change_with_each_message_are_not_kept()
    {
        for (var round = 0; round < 30; round++)
        {
            await _naming.NameAsync(Batch([.. Enumerable.Range(0, 1000).Select(i => $"random-{round}-{i}")]));
        }

        _names.Numbers["random-0-0"] = -7;
        Assert.Equal(1, (await _naming.NameAsync(Batch("random-0-0"))).Count);
    }

    private FetchedBatch Batch(params string[] names)
    {
        var (batch, readings) = (new FetchedBatch(), new Reading[names.Length]);
        for (var i = 0; i < names.Length; i++)
        {
            readings[i] = new() { Offset = i, SensorId = SensorName.NoNumber };
            UnnamedMessage message = new()
            {
                Topic = "topic",
                Partition = 0,
                Offset = i,
                Value = Encoding.UTF8.GetBytes($$"""{"sensor_id":"{{names[i]}}"}"""),
            };
            batch.Unnamed.Add(in message, Encoding.UTF8.GetBytes(names[i]));
        }

        Assert.True(_naming.TryHold(batch, ReadingBatch.Of(readings)));
        return batch;
    }

    private sealed class FakeNames : ISensorNames
    {
        public Dictionary<string, int> Numbers { get; } = [];

        public List<List<string>> Asked { get; } = [];

        public SensorNameLimits Limits { get; } = new();

        public long Learned => 0;

        public bool TryFind(ReadOnlySpan<byte> name, out int number) => throw new NotSupportedException();

        public bool TryFind(int number, out string name) => throw new NotSupportedException();

        public ValueTask NumbersOfAsync(
            IReadOnlyList<ReadOnlyMemory<byte>> names, Memory<int> numbers, CancellationToken cancellationToken)
        {
            List<string> asked = [.. names.Select(name => Encoding.UTF8.GetString(name.Span))];
            Asked.Add(asked);
            for (var i = 0; i < asked.Count; i++)
            {
                numbers.Span[i] = Numbers.GetValueOrDefault(asked[i], SensorName.NoNumber);
            }

            return ValueTask.CompletedTask;
        }

        public Task<int[]> RegisterAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<int[]> FindAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<string?[]> NamesOfAsync(IReadOnlyList<int> numbers, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
