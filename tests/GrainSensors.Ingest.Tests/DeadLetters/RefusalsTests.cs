using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Ingest.Tests.DeadLetters;

/// <summary>What a partition has refused because of the time of reading.</summary>
public sealed class RefusalsTests
{
    private const long Now = 1_700_000_000 * EpochTime.MicrosPerSecond;

    [Fact]
    public void Readings_of_one_message_are_refused_each_by_itself()
    {
        var stored = new Refusals([Refused(5, 0), Refused(5, 2)], mayRepeat: true, judgedFrom: Now);

        Assert.True(stored.TryAdd(Refused(5, 1)));
        Assert.False(stored.TryAdd(Refused(5, 1)));
        Assert.True(stored.TryAdd(Refused(5, 2)));
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 4).Where(index => stored.Find(5, index) is not null));

        stored.Checkpointed(Now, removedBelow: 5);
        Assert.NotNull(stored.Find(5, 1));
        stored.Checkpointed(Now, removedBelow: 6);
        Assert.All(Enumerable.Range(0, 4), index => Assert.Null(stored.Find(5, index)));
    }

    [Fact]
    public void A_refusal_is_found_after_the_first_one_was_added_and_until_the_last_one_is_removed()
    {
        var refusals = new Refusals();
        Assert.Null(refusals.Find(7, 0));

        refusals.TryAdd(Refused(7, 0));
        Assert.Equal(Refused(7, 0), refusals.Find(7, 0));

        refusals.Checkpointed(Now, removedBelow: 8);
        refusals.TryAdd(Refused(9, 0));
        Assert.Equal(Refused(9, 0), refusals.Find(9, 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Judging_messages_that_are_read_again_allocates_nothing(int stored)
    {
        var rules = new RejectionRules(new(MeasurementSet.Default, new()), new(Period.FromSeconds(900), TimeSpan.FromDays(10)));
        var refusals = new Refusals(Enumerable.Range(0, stored).Select(_ => Refused(0, 0)), mayRepeat: true, judgedFrom: Now);
        var (sensor, values) = (new MessageSensor(), new MessageValues());
        Judge(1);

        // The runtime may allocate once when it compiles again, and a message would allocate in each round.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => Allocated()));

        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Judge(10_000);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Judge(int messages)
        {
            Refusal? refusal = null;
            for (var offset = 1; offset <= messages; offset++)
            {
                var reason = rules.Judge(
                    refusals, offset, """{"sensor_id":7,"timestamp":1700000000,"temperature":21.5}"""u8, Now, sensor, values, out _,
                    ref refusal);
                if (reason != RejectReason.None)
                {
                    Assert.Fail($"Rejected as {reason}.");
                }
            }
        }
    }

    private static Refusal Refused(long offset, int index) => new(offset, index, RejectReason.Expired, Now);
}
