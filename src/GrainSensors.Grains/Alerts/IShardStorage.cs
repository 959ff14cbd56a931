namespace GrainSensors.Grains.Alerts;

/// <summary>Where a shard's state is durable; what it was read or written as last is the condition of the next write.</summary>
internal interface IShardStorage
{
    /// <param name="watches">Written over for the next write: keep a copy, if anything.</param>
    /// <returns>False: another activation has written since.</returns>
    Task<bool> WriteAsync(byte[] marks, byte[] watches);
}
