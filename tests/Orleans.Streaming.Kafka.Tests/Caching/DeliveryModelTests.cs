using CsCheck;

namespace Orleans.Streaming.Kafka.Tests.Caching;

/// <summary>
/// A topic that grows, agents that move and are killed, subscribers that come, go, sleep and fail: nothing is lost, and no offset is
/// committed before its message is delivered or is a dead letter.
/// </summary>
public sealed class DeliveryModelTests
{
    [Fact]
    public void Whatever_happens_nothing_is_lost_and_no_commit_is_ahead_of_delivery() =>
        Gen.Select(Gen.Int[0, 19], Gen.Int[0, 1000]).Array[1, 250].Sample(
            steps =>
            {
                var topic = new ModelTopic();
                foreach (var (action, choice) in steps)
                {
                    topic.Do(action, choice);
                    topic.CheckCommits();
                }

                topic.Drain();
                topic.CheckCommits();
                topic.CheckDeliveries();
            },
            iter: 2_000,
            threads: 1);
}
