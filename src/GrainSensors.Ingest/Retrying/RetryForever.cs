using Polly;
using Polly.Retry;

namespace GrainSensors.Ingest.Retrying;

/// <summary>
/// Retries until success, with exponential backoff and jitter. For servers that are unavailable: all silos lose them at the
/// same moment and should not return to them at the same moment.
/// </summary>
public static class RetryForever
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <param name="clock">Measures the waits.</param>
    /// <param name="first">The wait after the first failure. It doubles up to 5 s, with jitter.</param>
    /// <param name="failed">Receives every failure.</param>
    /// <param name="goesOn">False ends the retries with the last failure. Null: they end when they are cancelled.</param>
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
