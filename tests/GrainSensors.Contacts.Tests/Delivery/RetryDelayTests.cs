using GrainSensors.Contacts.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Contacts.Tests.Delivery;

public sealed class RetryDelayTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(5, 80)]
    [InlineData(10, 1800)]
    [InlineData(1000, 1800)]
    public void The_delay_doubles_up_to_half_an_hour(int attempt, int seconds)
    {
        Assert.Equal(seconds, RetryDelay.Of(attempt, null, 0.5).TotalSeconds, 3);
        Assert.Equal(seconds * 0.8, RetryDelay.Of(attempt, null, 0).TotalSeconds, 3);
        Assert.Equal(seconds * 1.2, RetryDelay.Of(attempt, null, 1).TotalSeconds, 3);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(60, 60)]
    [InlineData(100_000, 21_600)]
    [InlineData(-5, 5)]
    public void The_wish_of_the_receiver_counts_if_it_is_longer(int wish, int seconds) =>
        Assert.Equal(seconds, RetryDelay.Of(1, TimeSpan.FromSeconds(wish), 0.5).TotalSeconds, 3);

    [Fact]
    public void A_rate_allows_ten_seconds_at_once_and_then_its_pace()
    {
        var clock = new FakeTimeProvider();
        var rate = new SendRate(clock);
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => rate.TryTake(60)));
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, Enumerable.Range(0, 100).Count(_ => rate.TryTake(60)));
        rate.GiveBack();
        Assert.True(rate.TryTake(60));
        Assert.False(rate.TryTake(60));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, Enumerable.Range(0, 100).Count(_ => rate.TryTake(1)));
    }
}
