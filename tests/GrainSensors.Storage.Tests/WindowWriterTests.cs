using GrainSensors.Storage.Batching;
using GrainSensors.Storage.Windows;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>Grouping of calls into commits, with a store whose outcomes the test decides.</summary>
public sealed class WindowWriterTests
{
    private readonly List<Commit> _commits = [];
    private readonly WindowWriter _writer;

    public WindowWriterTests() => _writer = new(1, batch =>
    {
        var commit = new Commit(batch, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_commits)
        {
            _commits.Add(commit);
        }

        return commit.Outcome.Task;
    });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_idle_writer_commits_at_once_and_groups_later_calls()
    {
        var first = Write(1);
        var commit = await CommitAsync(0);
        Assert.Single(commit.Batch);
        var others = Enumerable.Range(2, 1500).Select(sensor => Write(sensor)).ToList();
        commit.Succeed();
        Assert.Equal([WriteOutcome.Written], await first);

        Assert.Equal(WindowWriter.BatchCapacity, (await CommitAsync(1)).Batch.Count);
        _commits[1].Succeed();
        Assert.Equal(500, (await CommitAsync(2)).Batch.Count);
        _commits[2].Succeed();
        await Task.WhenAll(others);
    }

    [Fact]
    public async Task A_second_write_of_a_key_waits_for_the_next_commit()
    {
        var first = Write(1);
        await CommitAsync(0);
        var (second, third, other) = (Write(2, token: 21), Write(2, token: 22), Write(3));
        _commits[0].Succeed();
        Assert.Equal([21L, 1L], (await CommitAsync(1)).Batch.Select(write => write.Window.RowVersion));
        _commits[1].Succeed();
        await Task.WhenAll(first, second, other);
        Assert.False(third.IsCompleted);
        Assert.Equal(22, Assert.Single((await CommitAsync(2)).Batch).Window.RowVersion);
        _commits[2].Succeed();
        await third;
    }

    [Fact]
    public async Task A_failed_commit_fails_its_own_calls_only()
    {
        var first = Write(1);
        await CommitAsync(0);
        var second = Write(2);
        _commits[0].Outcome.SetException(new WindowStoreUnavailableException("Gone."));
        Assert.Equal("Gone.", (await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => first)).Message);
        (await CommitAsync(1)).Succeed();
        Assert.Equal([WriteOutcome.Written], await second);
    }

    [Fact]
    public async Task A_cancelled_call_does_not_affect_the_others()
    {
        var first = Write(1);
        await CommitAsync(0);
        using var impatience = new CancellationTokenSource();
        var second = _writer.WriteAsync([Row(2).Write()], impatience.Token);
        var third = Write(3);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        _commits[0].Succeed();
        (await CommitAsync(1)).Succeed();
        await Task.WhenAll(first, third);
    }

    private Task<WriteOutcome[]> Write(int sensor) => Write(sensor, token: 1);

    private Task<WriteOutcome[]> Write(int sensor, long token) => _writer.WriteAsync([Row(sensor, token: token).Write()], Stop);

    /// <summary>Waits for the start of the next commit.</summary>
    private async Task<Commit> CommitAsync(int index)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            lock (_commits)
            {
                if (_commits.Count > index)
                {
                    return _commits[index];
                }
            }

            Assert.True(DateTime.UtcNow < deadline, $"There was no commit {index}.");
            await Task.Yield();
        }
    }

    private sealed record Commit(IReadOnlyList<WindowWrite> Batch, TaskCompletionSource<WriteOutcome[]> Outcome)
    {
        public void Succeed() => Outcome.SetResult([.. Batch.Select(_ => WriteOutcome.Written)]);
    }
}
