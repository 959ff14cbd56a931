using Npgsql;

namespace GrainSensors.Benchmarks.Live;

/// <summary>How long partitions go without a checkpoint: what is written adapts to what writing costs.</summary>
internal sealed class CheckpointGaps(NpgsqlDataSource database)
{
    private readonly Dictionary<int, DateTime> _last = [];
    private readonly List<double> _gaps = [];

    /// <returns>Seconds between the checkpoints of a partition: the median and the longest; 0: there were not two of one.</returns>
    public (double Median, double Longest) Seconds => _gaps.Count == 0 ? (0, 0) : (_gaps.Order().ElementAt(_gaps.Count / 2), _gaps.Max());

    /// <summary>Looks once; often enough, no checkpoint is missed.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT partition, updated_at FROM checkpoints");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (partition, at) = (reader.GetInt32(0), reader.GetDateTime(1));
            if (_last.TryGetValue(partition, out var last) && at != last)
            {
                _gaps.Add((at - last).TotalSeconds);
            }

            _last[partition] = at;
        }
    }
}
