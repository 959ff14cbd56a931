using Microsoft.Extensions.Options;

namespace GrainSensors.Ingest.Configuration;

/// <summary>Checks <see cref="IngestOptions"/> for values with which ingest could not make progress.</summary>
public sealed class IngestOptionsValidator : IValidateOptions<IngestOptions>
{
    public ValidateOptionsResult Validate(string? name, IngestOptions options)
    {
        var failures = new List<string>();
        RequirePositive(nameof(options.FlushInterval), options.FlushInterval);
        RequirePositive(nameof(options.CheckpointInterval), options.CheckpointInterval);
        RequirePositive(nameof(options.FirstCheckpointInterval), options.FirstCheckpointInterval);
        RequirePositive(nameof(options.MaxCheckpointInterval), options.MaxCheckpointInterval);
        RequirePositive(nameof(options.DrainTimeout), options.DrainTimeout);
        RequirePositive(nameof(options.IdleTimeout), options.IdleTimeout, never: true);
        RequirePositive(nameof(options.Retention), options.Retention, never: true);
        Require(options.Grace >= TimeSpan.Zero, nameof(options.Grace), "a duration of at least 0", options.Grace);
        Require(options.MaxBatchWait >= TimeSpan.Zero, nameof(options.MaxBatchWait), "a duration of at least 0", options.MaxBatchWait);
        Require(
            options.MaxReadingsPerCheckpoint > 0,
            nameof(options.MaxReadingsPerCheckpoint),
            "at least 1",
            options.MaxReadingsPerCheckpoint);
        Require(options.BufferCapacity > 0, nameof(options.BufferCapacity), "at least 1", options.BufferCapacity);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void RequirePositive(string option, TimeSpan value, bool never = false) => Require(
            value > TimeSpan.Zero || (never && value == Timeout.InfiniteTimeSpan),
            option, never ? "a duration above 0, or infinite" : "a duration above 0", value);

        void Require(bool condition, string option, string expected, object value)
        {
            if (!condition)
            {
                failures.Add($"{nameof(IngestOptions)}.{option} must be {expected}; got {value}.");
            }
        }
    }
}
