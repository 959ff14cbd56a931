using Microsoft.Extensions.Time.Testing;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Tests.Clients;

public sealed class RetryPolicyTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 5)]
    [InlineData(1_000_000, 5)]
    public void The_delay_doubles_up_to_5_s(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetryPolicy.DelayAfter(failures));

    [Fact]
    public async Task An_operation_is_repeated_until_it_succeeds()
    {
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        var (attempts, failures) = (0, new List<string>());

        var result = RetryPolicy.ExecuteAsync(
            _ => ++attempts < 3 ? throw new InvalidOperationException($"{attempts}") : Task.FromResult(attempts),
            e => failures.Add(e.Message),
            clock,
            CancellationToken.None);
        Assert.Equal(1, attempts);
        clock.Advance(TimeSpan.FromSeconds(1));
        await Until.Async(() => attempts == 2, () => $"{attempts}", TimeSpan.FromSeconds(10));
        await Until.Async(() => Advance(clock) && attempts == 3, () => $"{attempts}", TimeSpan.FromSeconds(10));

        Assert.Equal(3, await result);
        Assert.Equal(["1", "2"], failures);
    }

    [Fact]
    public async Task A_cancelled_operation_is_not_repeated()
    {
        using var stop = new CancellationTokenSource();

        var result = RetryPolicy.ExecuteAsync<int>(
            _ => throw new InvalidOperationException(), _ => stop.Cancel(), new FakeTimeProvider(), stop.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => result);
    }

    private static bool Advance(FakeTimeProvider clock)
    {
        clock.Advance(TimeSpan.FromSeconds(1));
        return true;
    }
}
