using GrainSensors;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;
using GrainSensors.Terminal;

StandardError.Use();
using var interruption = new Interruption();
return await CommandLine.InvokeAsync(CommandTree.Create(), args, interruption.Token);
