using Polly;
using Polly.Retry;

namespace GrainSensors.Ingest;

/// <summary>
/// Tries again for as long as it takes, ever more rarely and not in step with others: for servers that are away, which
/// all silos lose at the same moment.
/// </summary>
public static class RetryForever
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <param name="first">The wait after the first failure; it doubles up to 5 s, a part of it by chance.</param>
    /// <param name="failed">Hears of every failure.</param>
    /// <param name="goesOn">Null: until it is cancelled.</param>
    public static ResiliencePipeline Create(TimeProvider clock, TimeSpan first, Action<Exception> failed, Func<bool>? goesOn = null) =>
        new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<Exception>(_ => goesOn?.Invoke() != false),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = first,
                MaxDelay = Longest,
                OnRetry = attempt =>
                {
                    failed(attempt.Outcome.Exception!);
                    return default;
                },
            })
            .Build();
}
