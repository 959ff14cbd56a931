using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Windows;
using Orleans.Storage;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>What becomes of a grain's state when grain storage fails.</summary>
public sealed class KeptStateTests
{
    private readonly Storage _storage = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<Exception, string> Failures => new()
    {
        { Wrapped(new WindowStoreUnavailableException("sqlite:a.db has no space left.")), "sqlite:a.db has no space left." },
        { Wrapped(new InvalidOperationException("Failed to\nconnect.")), "The grain storage is unavailable: Failed to connect." },
        { new TimeoutException("No answer"), "The grain storage is unavailable: No answer." },
    };

    [Fact]
    public async Task It_is_written_when_it_has_changed()
    {
        var kept = new KeptState<NotifierState>(_storage);

        await kept.WriteAsync(hasChanged: false, Stop);
        await kept.WriteAsync(hasChanged: true, Stop);
        await kept.WriteAsync(hasChanged: false, Stop);

        Assert.Equal(1, _storage.Writes);
    }

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task A_failure_names_its_cause_in_one_line_and_the_next_call_writes(Exception failure, string message)
    {
        var kept = new KeptState<NotifierState>(_storage);
        _storage.Failure = failure;

        var thrown = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => kept.WriteAsync(hasChanged: true, Stop));
        _storage.Failure = null;
        await kept.WriteAsync(hasChanged: false, Stop);

        Assert.Equal((message, 1), (thrown.Message, _storage.Writes));
    }

    [Fact]
    public async Task Another_writer_is_told_apart_from_a_failure()
    {
        var kept = new KeptState<NotifierState>(_storage);
        _storage.Failure = new InconsistentStateException("changed");

        await Assert.ThrowsAsync<InconsistentStateException>(() => kept.WriteAsync(hasChanged: true, Stop));
    }

    /// <summary>As Orleans throws it.</summary>
    private static OrleansException Wrapped(Exception cause) => new($"Error from storage provider during WriteStateAsync {cause}", cause);

    private sealed class Storage : IPersistentState<NotifierState>
    {
        public Exception? Failure { get; set; }

        public int Writes { get; private set; }

        public NotifierState State { get; set; } = new();

        public string Etag => "1";

        public bool RecordExists => true;

        public Task WriteStateAsync()
        {
            if (Failure is not null)
            {
                return Task.FromException(Failure);
            }

            Writes++;
            return Task.CompletedTask;
        }

        public Task ReadStateAsync() => Task.CompletedTask;

        public Task ClearStateAsync() => Task.CompletedTask;
    }
}
