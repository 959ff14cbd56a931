namespace GrainSensors.EndToEnd.Tests.Orleans;

/// <summary>A grain that keeps a text and wants to be woken up.</summary>
public interface INoteGrain : IGrainWithStringKey
{
    Task<string> ReadAsync();

    Task WriteAsync(string text);

    Task RemindAsync(TimeSpan period);

    Task<bool> ForgetAsync();

    /// <returns>The name of the silo that the grain is on.</returns>
    Task<string> WhereAsync();
}
