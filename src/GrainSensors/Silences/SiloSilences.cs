using System.Text.Json;
using System.Text.Json.Serialization;
using GrainSensors.Core.Text;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;
using GrainSensors.Web.Changes;

namespace GrainSensors.Silences;

/// <summary>Silences through the API of a running silo.</summary>
internal sealed class SiloSilences(string url) : ISilences
{
    private const string Path = "silences";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly SiloApi _api = new(url);

    private string Silo => $"the silo at {PrintableText.Escape(url)}";

    public async Task<SilenceBody> AddAsync(SilenceRequest request, CancellationToken cancellationToken)
    {
        Confirmation.Announce($"Adding a silence to {Silo}");
        return Read<SilenceBody>(await _api.SendAsync(
            HttpMethod.Post, Path, cancellationToken, JsonSerializer.SerializeToElement(request, Json)));
    }

    public async Task<IReadOnlyList<SilenceBody>> ReadAsync(CancellationToken cancellationToken) =>
        Read<List<SilenceBody>>(await _api.SendAsync(HttpMethod.Get, Path, cancellationToken));

    public async Task EndAsync(Guid id, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(cancellationToken)).Any(silence => silence.Id == id))
        {
            Confirmation.Announce($"Ending a silence of {Silo}");
        }

        await _api.SendAsync(HttpMethod.Delete, $"{Path}/{id}", cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _api.Dispose();
        return default;
    }

    private static T Read<T>(JsonElement answer)
        where T : class
    {
        try
        {
            return answer.ValueKind == JsonValueKind.Undefined ? throw new JsonException() : answer.Deserialize<T>(Json)!;
        }
        catch (JsonException e)
        {
            throw new UsageException("The silo has answered in another form; use the command of its version.", e);
        }
    }
}
