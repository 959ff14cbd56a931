using System.Text.Json;

namespace GrainSensors.Web.Yaml;

/// <summary>A document of a YAML text, as JSON.</summary>
/// <param name="Line">Its first line, from 1.</param>
/// <param name="MemberLines">The lines of its members.</param>
internal sealed record YamlDocument(JsonElement Json, long Line, IReadOnlyDictionary<string, long> MemberLines);
