using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka.Native;

namespace GrainSensors.Ingest.Tests.DeadLetters;

/// <summary>What keeps a checkpoint waiting, and the loop.</summary>
public sealed class PendingDeadLettersTests
{
    private const int Large = 17 * 1024 * 1024;
    private readonly HeldSink _sink = new();
    private int _settled;

    [Fact]
    public async Task Durable_letters_make_room_without_a_checkpoint()
    {
        var pending = Pending();
        pending.Add([Letter(1, Large)]);
        Assert.True(pending.AreTooMany);

        _sink.Calls[0].Answer.SetResult(null);

        await Until.Async(() => Volatile.Read(ref _settled) == 1, () => "not settled", TimeSpan.FromSeconds(10));
        Assert.False(pending.AreTooMany);
        Assert.True(pending.IsEmpty);
        await pending.WriteAllAsync();
        Assert.Single(_sink.Calls);
    }

    [Fact]
    public async Task Failed_letters_alone_are_written_again_when_the_checkpoint_asks_for_them()
    {
        var pending = Pending();
        var (good, bad) = (Letter(1), Letter(2));
        pending.Add([good, bad]);
        var first = pending.WriteAllAsync();
        Assert.False(first.IsCompleted);

        _sink.Calls[0].Answer.SetResult(new([bad], new IOException("refused")));

        Assert.Equal("refused", (await Assert.ThrowsAsync<IOException>(() => first)).Message);
        Assert.False(pending.HaveFailed);
        Assert.False(pending.IsEmpty);
        Assert.Equal([bad], _sink.Calls[1].Letters);
        _sink.Calls[1].Answer.SetResult(null);
        await pending.WriteAllAsync();
        Assert.True(pending.IsEmpty);
    }

    [Fact]
    public async Task Letters_whose_fate_is_unknown_are_all_written_again()
    {
        var pending = Pending();
        pending.Add([Letter(1), Letter(2)]);

        _sink.Calls[0].Answer.SetException(new IOException("unknown"));

        await Until.Async(() => pending.HaveFailed, () => "not failed", TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<IOException>(pending.WriteAllAsync);
        Assert.Equal(_sink.Calls[0].Letters, _sink.Calls[1].Letters);
    }

    private PendingDeadLetters Pending() => new(_sink, () => Interlocked.Increment(ref _settled));

    private static DeadLetter Letter(long offset, int size = 10) =>
        new("sensor-data", 0, offset, RejectReason.NotJson, "", new byte[size], MessageAttributes.None);

    private sealed class HeldSink : IDeadLetterSink
    {
        public List<(IReadOnlyList<DeadLetter> Letters, TaskCompletionSource<FailedDeadLetters?> Answer)> Calls { get; } = [];

        public Task<FailedDeadLetters?> WriteAsync(IReadOnlyList<DeadLetter> deadLetters, CancellationToken cancellationToken)
        {
            Calls.Add((deadLetters, new()));
            return Calls[^1].Answer.Task;
        }
    }
}
